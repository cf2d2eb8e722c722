/** Opens a database that other processes open at the same time, and adds one row. */
import { openDatabase } from '../../../services/database/database.ts';

const database = openDatabase(process.argv[2]!);
database.install({ name: 'visits', scripts: ['CREATE TABLE visits (pid INTEGER)'] });
database.transaction(() => database.prepare('INSERT INTO visits VALUES (?)').run(process.pid));
database.close();
