import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createTokenCheck, type Accepted } from './token-check.js'

/** A running MCP server. */
export interface TestMcpServer {
  /** Where it answers; also the resource that its tokens must be for. */
  url: string
  /** The calls with a valid token: its session, if it has one yet, and the token. */
  calls: { method: string; session: string | undefined; token: string }[]
  close(): Promise<void>
}

/** The headers of the MCP transport and of tokens, as the recipe lists them. */
export interface McpHeaders {
  allowed: string
  exposed: string
}

/** Starts an MCP server on the loopback interface. It wants a token of the issuer for its own URL, with the scope `tools`. */
export async function startMcpServer(issuer: string, headers: McpHeaders): Promise<TestMcpServer> {
  const calls: TestMcpServer['calls'] = []
  const transports = new Map<string, StreamableHTTPServerTransport>()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://localhost:${(server.address() as AddressInfo).port}/mcp`
  const check = createTokenCheck({
    ...{ issuer, audience: url, scope: 'tools' },
    allowedHeaders: headers.allowed,
    exposedHeaders: headers.exposed,
  })

  server.on('request', async (request, response) => {
    const accepted = await check(request, response)
    if (!accepted) return
    const session = request.headers['mcp-session-id']?.toString()
    calls.push({ method: request.method!, session, token: accepted.token })
    const transport = transports.get(session ?? '') ?? (await createTransport(transports))
    await transport.handleRequest(withAuth(request, accepted), response)
  })

  return {
    url,
    calls,
    async close() {
      await Promise.all([...transports.values()].map((transport) => transport.close()))
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

/** Tells the tools about the token, in the way of the SDK's own token check. */
function withAuth(request: IncomingMessage, { token, presented }: Accepted) {
  const { client, scope, subject } = presented
  return Object.assign(request, {
    auth: { token, clientId: client, scopes: scope.split(' '), extra: { subject } },
  })
}

async function createTransport(transports: Map<string, StreamableHTTPServerTransport>) {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void transports.set(id, transport),
  })
  const mcp = new McpServer({ name: 'orders', version: '1.0.0' })
  mcp.registerTool('who_am_i', { description: 'Says whose orders these are' }, ({ authInfo }) => ({
    content: [{ type: 'text', text: String(authInfo?.extra?.['subject']) }],
  }))
  await mcp.connect(transport)
  return transport
}
