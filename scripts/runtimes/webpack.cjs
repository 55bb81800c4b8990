// Bundles the database by webpack, everything in one file.

const webpack = require('webpack')
const path = require('node:path')

const compiler = webpack({
  mode: 'production',
  target: 'node20',
  entry: './lines.mjs',
  context: __dirname,
  experiments: { outputModule: true },
  output: { path: path.join(__dirname, 'webpack'), filename: 'lines.mjs', module: true },
})
compiler.run((error, stats) => {
  if (error || stats.hasErrors()) {
    console.error(error ?? stats.toString('errors-only'))
    process.exitCode = 1
  }
})
