// Holds resources, a JSON array on standard input, against the JSON schema of FHIR R4; says of each, a line, what is wrong.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const Validator = createRequire(import.meta.url)('@asymmetrik/fhir-json-schema-validator');
const validator = new Validator();
for (const resource of JSON.parse(readFileSync(0, 'utf8'))) {
  const errors = validator.validate(resource, true);
  console.log(errors.length === 0 ? 'ok' : errors.map((one) => `${one.dataPath} ${one.message}`).slice(0, 20).join('; '));
}
