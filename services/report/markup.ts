/** Markup: a tagged template that escapes everything put into it, so that no text from outside can become HTML. */

const trusted: unique symbol = Symbol('trusted markup');

/** Finished HTML; only `html` and `trustMarkup` make it, never a value that was read from data. */
export interface Markup {
  readonly [trusted]: string;
}

/** What may stand in a template: text is escaped, `null` and `false` are left out, lists are joined. */
export type Insertion = string | number | Markup | null | false | readonly Insertion[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** `text` as it may stand between tags and in a quoted attribute. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/** Builds HTML from a template; every insertion that is not markup itself is escaped. */
export function html(parts: TemplateStringsArray, ...insertions: readonly Insertion[]): Markup {
  const text = parts.map((part, i) =>
    i === 0 ? part : renderInsertion(insertions[i - 1]!) + part,
  );
  return { [trusted]: text.join('') };
}

/** Takes text as HTML without escaping; only for what this program itself has made. */
export function trustMarkup(text: string): Markup {
  return { [trusted]: text };
}

/** The HTML text of finished markup. */
export function markupText(markup: Markup): string {
  return markup[trusted];
}

function renderInsertion(value: Insertion): string {
  if (value === null || value === false) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeText(String(value));
  if (isList(value)) return value.map(renderInsertion).join('');
  return value[trusted];
}

const isList = (value: Markup | readonly Insertion[]): value is readonly Insertion[] =>
  Array.isArray(value);
