// Expands consent records, a JSON array on standard input, as JSON-LD without any network, and holds every term that comes of it
// against those of DPV 2.0; says of each, a line, what is wrong.
import { readFileSync } from 'node:fs';
import jsonld from 'jsonld';

const DPV = 'https://w3id.org/dpv#';
const OTHERS = ['http://purl.org/dc/terms/', 'http://spdx.org/rdf/terms#', 'https://schema.org/', 'urn:kith:terms:'];
const lines = readFileSync(new URL('../vectors/dpv/terms.txt', import.meta.url), 'utf8').trim().split('\n');
const terms = new Map(lines.map((line) => [line.split(' ')[0], line.split(' ').slice(1)]));
const documentLoader = (url) => { throw new Error(`it asks for ${url}`); };

function term(iri, kind, wrong) {
  if (iri.startsWith(DPV)) {
    const found = terms.get(iri.slice(DPV.length));
    if (!found || found[0] !== kind) wrong.push(`${iri} is no ${kind}`);
    return found?.slice(1) ?? [];
  }
  if (!OTHERS.some((known) => iri.startsWith(known))) wrong.push(`${iri} is of no vocabulary`);
  return [];
}

function judge(value, wrong) {
  if (Array.isArray(value)) return value.forEach((one) => judge(one, wrong));
  if (value === null || typeof value !== 'object' || '@value' in value) return;
  for (const [key, inside] of Object.entries(value)) {
    if (key === '@type') inside.forEach((iri) => term(iri, 'class', wrong));
    else if (key === '@id') { if (inside.startsWith(DPV)) term(inside, 'class', wrong); }
    else {
      const of = term(key, 'property', wrong);
      if (of.length > 0 && inside.some((one) => '@value' in one)) wrong.push(`${key} holds a text where it names ${of.join(' or ')}`);
      judge(inside, wrong);
    }
  }
}

for (const record of JSON.parse(readFileSync(0, 'utf8'))) {
  const wrong = [];
  try {
    // Safe: whatever would be dropped is an error.
    judge(await jsonld.expand(record, { documentLoader, safe: true }), wrong);
  } catch (error) {
    wrong.push(`${error.message} ${JSON.stringify(error.details?.event?.details ?? '')}`);
  }
  console.log(wrong.length === 0 ? 'ok' : wrong.join('; ').replaceAll('\n', ' '));
}
