import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath, URL } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
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

/** Shared by every screen, and small; what only some need (sheets, the booking form, the calls of one screen) stays out. */
const CORE =
  /\/src\/(main\.ts|App\.vue|tabs\.ts|i18n\.ts|router\/|api\/(calls|client|intent|problem|session)\.ts|stores\/(?!contracts)|model\/(time|timeline|plan|hats)\.ts|parts\/(App(Icon|Message|Bones)|BarTabs|icons|words)|locales\/zh\/(common|resident)\.json|screens\/[^/]+\/routes\.ts)|\/node_modules\/(vue|@vue|vue-router|pinia|vue-i18n|@intlify|openapi-fetch|vant\/es\/(utils|skeleton|style|composables))\/|plugin-vue:export-helper/

/** Packed once, when building, as small as it goes: the server sends `name.br` or `name.gz` where the browser takes it. */
const packed: Plugin = {
  name: 'packed',
  apply: 'build',
  writeBundle: ({ dir }, bundle) => {
    for (const name of [...Object.keys(bundle), 'icon.svg']) {
      const file = `${dir ?? 'dist'}/${name}`
      const plain = readFileSync(file)
      if (plain.length < 512) continue
      writeFileSync(`${file}.br`, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }))
      writeFileSync(`${file}.gz`, gzipSync(plain, { level: 9 }))
    }
  },
}

export default defineConfig({
  plugins: [
    withoutIconFont,
    preloadStart,
    vue(),
    packed,
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
    // What the start page needs comes in few files: over HTTP/1.1 every further one waits for its turn.
    rollupOptions: { output: { manualChunks: (id) => (CORE.test(id.replace(/\?.*$/, '')) ? 'core' : undefined) } },
  },
  server: { proxy: { '/api': process.env['SHANGLIANG_URL'] ?? 'http://127.0.0.1:8080' } },
  test: { include: ['src/**/*.test.ts', 'tests/**/*.test.ts'], environment: 'node' },
})
