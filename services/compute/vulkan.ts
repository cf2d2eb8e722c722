/** Where Linux has what WebGPU stands on: the Vulkan loader, and drivers that it finds. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What was found. */
export interface VulkanInstallation {
  /** Whether the loader `libvulkan.so.1` is where programs find it. */
  readonly loader: boolean;
  /** Names of the drivers' files, without folder and ending, such as `nvidia_icd`. */
  readonly drivers: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const loaderName = 'libvulkan.so.1';
/** Where programs look besides what the linker's cache lists. */
const libraryFolders = ['/lib', '/usr/lib', '/lib64', '/usr/lib64', '/usr/local/lib'];
/** Where the loader looks for drivers, after "Vulkan Loader: Driver Discovery on Linux" of the Khronos group. */
const driverFolders = ['/usr/local/etc', '/etc', '/usr/local/share', '/usr/share'];

/** Looks for the loader and its drivers as a program started in `environment` would. */
export function findVulkan(environment: Environment): VulkanInstallation {
  return { loader: findLoader(environment), drivers: findDrivers(environment) };
}

/** Whether the one driver is a program that computes on the processor: useful for tests, not for speed. */
export function isSoftware({ drivers }: VulkanInstallation): boolean {
  return drivers.length > 0 && drivers.every((name) => /swiftshader|lvp|lavapipe/.test(name));
}

function findLoader(environment: Environment): boolean {
  const folders = [...(environment['LD_LIBRARY_PATH'] ?? '').split(':'), ...libraryFolders];
  if (folders.some((folder) => folder !== '' && existsSync(join(folder, loaderName)))) return true;
  const cache = '/etc/ld.so.cache';
  return existsSync(cache) && readFileSync(cache).includes(loaderName);
}

function findDrivers(environment: Environment): string[] {
  const listed = environment['VK_DRIVER_FILES'] ?? environment['VK_ICD_FILENAMES'];
  const files = listed === undefined ? installedDrivers(environment) : listed.split(':');
  const names = files.filter((path) => path.endsWith('.json') && existsSync(path));
  return [...new Set(names.map((path) => basename(path, '.json')))].sort();
}

function installedDrivers(environment: Environment): string[] {
  const home = environment['HOME'] ?? '';
  const own = [
    environment['XDG_CONFIG_HOME'] ?? join(home, '.config'),
    environment['XDG_DATA_HOME'] ?? join(home, '.local/share'),
  ];
  return [...own, ...driverFolders]
    .map((folder) => join(folder, 'vulkan/icd.d'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
}
