// Opens an age file with the stock age-encryption package: node open.mjs KEYFILE < sealed > plain
import { readFileSync } from 'node:fs';
import { Decrypter } from 'age-encryption';

const key = readFileSync(process.argv[2], 'utf8').split('\n').find((line) => line.startsWith('AGE-SECRET-KEY-'));
const decrypter = new Decrypter();
decrypter.addIdentity(key.trim());
const plain = await decrypter.decrypt(readFileSync(0), 'uint8array');
process.stdout.write(plain);
