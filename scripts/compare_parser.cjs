// Prints what AsyncAPI's parser says of each document that is named on standard input, a line of JSON each.
const { readFileSync } = require('fs');
const { Parser, fromFile } = require('@asyncapi/parser');

const SEVERITIES = ['error', 'warning', 'info', 'hint'];

async function main() {
  const parser = new Parser();
  for (const file of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
    const said = await fromFile(parser, file).validate();
    const diagnostics = said.map(({ code, severity, path, message }) => ({
      code: String(code),
      severity: SEVERITIES[severity],
      path: path.map(String),
      message: message.slice(0, 200),
    }));
    process.stdout.write(JSON.stringify({ file, diagnostics }) + '\n');
  }
}

main();
