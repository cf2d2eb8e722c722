/** Puts artifacts until it is killed, telling the address of each one that it was promised. */
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';

const artifacts = createLocalArtifacts(process.argv[2]!);
for (let i = 0; ; i++) {
  const bytes = new Uint8Array(200_000).fill(i % 251, 0, 150_000);
  new DataView(bytes.buffer).setUint32(199_996, i + Number(process.argv[3]));
  process.stdout.write(`${await artifacts.put(bytes)}\n`);
}
