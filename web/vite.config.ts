import { fileURLToPath, URL } from 'node:url'
import vueI18n from '@intlify/unplugin-vue-i18n/vite'
import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Vant's icon font is a data: URL, which our content security policy does not load, and 20 kB: we draw our own icons. */
const withoutIconFont: Plugin = {
  name: 'without-vant-icon-font',
  enforce: 'pre',
  resolveId: (id) => (/(^|\/)icon\/index\.css$/.test(id) ? '\0no-icons.css' : null),
  load: (id) => (id === '\0no-icons.css' ? '' : null),
}

/** The start page needs its screen and its words at once: the browser fetches them together with the entry, not after it. */
const START = /(^|\/)(HomeScreen\.vue|locales\/zh\/(common|resident)\.json)$/
const preloadStart: Plugin = {
  name: 'preload-start',
  transformIndexHtml: {
    order: 'post',
    handler: (_, { bundle }) => {
      const chunks = Object.values(bundle ?? {}).filter((file) => file.type === 'chunk')
      const start = chunks.filter(({ facadeModuleId }) => START.test(facadeModuleId?.replace(/\?.*$/, '') ?? ''))
      const all = new Set(start.flatMap(({ fileName, imports }) => [fileName, ...imports]))
      for (const { isEntry, fileName } of chunks) if (isEntry) all.delete(fileName)
      const css = start.flatMap((chunk) => [...(chunk.viteMetadata?.importedCss ?? [])])
      return [
        ...[...all].map((file) => ({ tag: 'link', injectTo: 'head' as const, attrs: { rel: 'modulepreload', crossorigin: true, href: `/${file}` } })),
        ...css.map((file) => ({ tag: 'link', injectTo: 'head' as const, attrs: { rel: 'stylesheet', crossorigin: true, href: `/${file}` } })),
      ]
    },
  },
}

export default defineConfig({
  plugins: [
    withoutIconFont,
    preloadStart,
    vue(),
    // Messages are compiled when building: the page runs under a policy without eval.
    vueI18n({ include: [at('./src/locales/**')], runtimeOnly: true, compositionOnly: true, fullInstall: false }),
  ],
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
  resolve: { alias: { '@': at('./src') } },
  build: {
    target: ['chrome87', 'safari14'],
    cssTarget: ['chrome87', 'safari14'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: false,
  },
  server: { proxy: { '/api': process.env['SHANGLIANG_URL'] ?? 'http://127.0.0.1:8080' } },
  test: { include: ['src/**/*.test.ts', 'tests/**/*.test.ts'], environment: 'node' },
})
