// Bundles the database for React Native: by Metro, with React Native's own Babel preset.

const Metro = require('metro')
const path = require('node:path')

async function main() {
  const config = await Metro.loadConfig({ cwd: __dirname, config: path.join(__dirname, 'metro.config.cjs') })
  await Metro.runBuild(config, {
    entry: 'native.mjs',
    out: 'native.js',
    dev: false,
    minify: false,
    platform: 'android',
  })
}

void main()
