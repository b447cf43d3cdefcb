/** Characters of the source: which belong to identifiers. Asked about every character, of which nearly all are ASCII. */

export const SPACE = 0;
export const WORD = 1;
export const PUNCTUATION = 2;
export type CharacterClass = typeof SPACE | typeof WORD | typeof PUNCTUATION;

const IN_IDENTIFIER = /[\p{ID_Continue}$#]/u;
const IS_SPACE = /\s/u;

const classify = (character: string): CharacterClass =>
  IN_IDENTIFIER.test(character) ? WORD : IS_SPACE.test(character) ? SPACE : PUNCTUATION;

const ASCII: Uint8Array = Uint8Array.from({ length: 0x80 }, (_, unit) => classify(String.fromCharCode(unit)));

/** Identifiers with `#` and `$`, white space, or any other character. */
export function classOf(text: string, at: number): CharacterClass {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return ASCII[unit] as CharacterClass;
  // Past the end there is nothing, which is no word.
  return Number.isNaN(unit) ? SPACE : classify(String.fromCodePoint(text.codePointAt(at)!));
}

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const NAME_IN_ASCII = /^[A-Za-z_$][\w$]*$/;
const NO_WORD = /[^\p{ID_Continue}$]+/gu;
const NO_WORD_IN_ASCII = /[^\w$]+/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII begins with them
const IS_ASCII = /^[\x00-\x7f]*$/;

/** May it stand as a property name without quotes? Sets of Unicode are tables to search, so ASCII is asked for first. */
export const isName = (text: string): boolean => NAME_IN_ASCII.test(text) || NAME.test(text);

/** A name as the key of an object literal. `__proto__: x` would set the prototype (ECMA-262 13.2.5.5). */
export const keyText = (name: string): string =>
  name === "__proto__" ? '["__proto__"]' : isName(name) || /^\d+$/.test(name) ? name : JSON.stringify(name);

/** With `$` for whatever may not stand in an identifier. */
export const identifierOf = (text: string): string =>
  text.replace(IS_ASCII.test(text) ? NO_WORD_IN_ASCII : NO_WORD, "$");

/** How many units the character has. */
export const widthOf = (text: string, at: number): 1 | 2 => (text.codePointAt(at)! > 0xffff ? 2 : 1);
