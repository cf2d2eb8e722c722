/** Before every test file: property tests draw the same cases in every run, so that a failure is found again. */
import fc from 'fast-check';

/** Set PROPERTY_SEED to look at other cases. */
fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 20_261_121) });
