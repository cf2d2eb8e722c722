/** Takes secrets out of what is logged: values under telling names at any depth, and passwords in addresses. */

const secretNames =
  /^(password|passwd|passphrase|secret|token|apikey|authorization|cookie|credentials?|privatekey)$/;
const secretEndings = /(password|passphrase|secret|token|apikey|privatekey|accesskey|secretkey)$/;
const passwordInAddress = /(\/\/[^\s/:@]*):[^\s/@]+@/g;

// What stands for a secret.
const redacted = '[redacted]';

/** A copy of `value` without secrets; names count without case, dashes and underscores. */
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(passwordInAddress, `$1:${redacted}@`);
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null || !isRecord(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([name, item]) => [name, isSecret(name) ? redacted : redact(item)]),
  );
}

function isSecret(name: string): boolean {
  const bare = name.toLowerCase().replaceAll(/[-_\s]/g, '');
  return secretNames.test(bare) || secretEndings.test(bare);
}

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
