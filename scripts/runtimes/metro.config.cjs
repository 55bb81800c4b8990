const { getDefaultConfig } = require('metro-config')

module.exports = (async () => {
  const config = await getDefaultConfig(__dirname)
  return {
    ...config,
    resolver: {
      ...config.resolver,
      sourceExts: ['mjs', 'cjs', 'js', 'json'],
      unstable_enablePackageExports: true,
    },
    transformer: {
      ...config.transformer,
      babelTransformerPath: require.resolve('@react-native/metro-babel-transformer'),
    },
  }
})()
