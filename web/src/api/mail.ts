// Which mails one does without. Notices stay in the inbox whatever is set here.
import { client, takeTagged } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type MailSettings = Schemas['SettingsView']
export type Topic = Schemas['Topic']

export const getMailSettings = (): Promise<{ body: MailSettings; tag: string }> => takeTagged(client.GET('/api/v1/me/notice-settings'))
export const putMailSettings = (mail_off: Topic[], tag: string): Promise<{ body: MailSettings; tag: string }> =>
  takeTagged(client.PUT('/api/v1/me/notice-settings', { params: { header: { 'If-Match': tag } }, body: { mail_off } }))
