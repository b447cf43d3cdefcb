/** In the value of a template a line ends with LF, however the file is checked out (ECMA-262 12.9.6.1, TV). */
export const withPlainEnds = (text: string): string => (text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text);
