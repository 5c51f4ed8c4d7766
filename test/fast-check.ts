import fc from 'fast-check';

/** Seed of the made values, the same in each run; the variable `SEED` tries others. The names of the tests print it. */
export const seed = Number(process.env.SEED ?? 1);

fc.configureGlobal({ seed });

export default fc;
