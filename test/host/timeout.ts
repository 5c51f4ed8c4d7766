// A real host starts and stops real services.
jest.setTimeout(120_000);
