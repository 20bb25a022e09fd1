// Makes a post-quantum key with the stock age-encryption package: prints the recipient, then the secret key.
import { generateHybridIdentity, identityToRecipient } from 'age-encryption';

const identity = await generateHybridIdentity();
console.log(await identityToRecipient(identity));
console.log(identity);
