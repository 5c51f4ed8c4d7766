CREATE TABLE entry (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  text text NOT NULL,
  written timestamptz NOT NULL DEFAULT now()
);
