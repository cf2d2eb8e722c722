/** Publishes twenty versions under fixed keys and moves the champion to each; somebody kills it on the way. */
import { join } from 'node:path';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import { openDatabase } from '../../../services/database/database.ts';
import { createRegistry } from '../../../services/registry/registry.ts';
import { versionDraft } from './model-version-draft.ts';

const folder = process.argv[2]!;
const database = openDatabase(join(folder, 'registry.sqlite'));
const artifacts = createLocalArtifacts(join(folder, 'artifacts'));
const registry = createRegistry(database, artifacts, join(folder, 'models'), Date.now);
process.stdout.write('begun\n');
for (let i = 0; i < 20; i++) {
  const bytes = new TextEncoder().encode(`weights ${i}`);
  const files = [{ name: 'model.onnx', uri: await artifacts.put(bytes), bytes: bytes.length }];
  const { model, version } = await registry.publish(versionDraft(`key-${i}`, { files }));
  registry.setAlias(model, 'champion', version, `better than ${version - 1}`);
}
database.close();
