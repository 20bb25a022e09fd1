// Seals with the stock age-encryption package: node seal.mjs RECIPIENT < plain > sealed
import { readFileSync } from 'node:fs';
import { Encrypter } from 'age-encryption';

const encrypter = new Encrypter();
encrypter.addRecipient(process.argv[2]);
process.stdout.write(await encrypter.encrypt(readFileSync(0)));
