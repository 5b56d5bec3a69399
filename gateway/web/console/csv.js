/*
 * A table as a file of comma-separated values (RFC 4180), which spreadsheets open without running what is in it: a
 * value that begins like a formula gets an apostrophe before it (OWASP, CSV Injection).
 */

const FORMULA = /^[=+\-@\t\r]/;

/** Numbers stay numbers: nothing but a text can be a formula. */
export function writeCsv(rows) {
  return `\ufeff${rows.map((row) => row.map(writeValue).join(",")).join("\r\n")}\r\n`;
}

function writeValue(value) {
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
