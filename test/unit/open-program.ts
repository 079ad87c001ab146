import { join } from 'node:path'
import { API, type Project } from 'typescript/unstable/sync'

/** The folder of the files that exist only here; nothing is written to the disk. */
export const virtualFolder = '.virtual'

/** A program of the compiler's, over the sources of the package and some files beside them. */
export interface OpenProgram extends Pick<Project, 'program' | 'checker'> {
  project: Project
  root: string
  close(): void
}

/**
 * Opens files, by their path in the repository, and all that they import, with the compiler options of this repository. Those in `virtual`
 * exist only here, by their name in the virtual folder, and can import `latchkey` as an app does: the sources stand for it.
 *
 * @param more options of the compiler beside those
 */
export function openProgram(
  root: string,
  paths: string[],
  virtual: Record<string, string>,
  more: object = {},
): OpenProgram {
  const folder = join(root, virtualFolder)
  const config = join(folder, 'tsconfig.json')
  const settings = {
    extends: '../tsconfig.json',
    // An example may make something and leave it there.
    compilerOptions: { types: [], noUnusedLocals: false, noUnusedParameters: false, ...more },
    include: [],
    files: [...paths.map((path) => join('..', path)), ...Object.keys(virtual)],
  }
  const files = new Map([[config, JSON.stringify(settings)]])
  for (const [name, text] of Object.entries(virtual)) files.set(join(folder, name), text)
  const api = new API({
    cwd: root,
    fs: {
      readFile: (path) => files.get(path),
      fileExists: (path) => files.has(path) || undefined,
      directoryExists: (path) => path === folder || undefined,
      realpath: (path) => (path.startsWith(folder) ? path : undefined),
    },
  })
  const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)
  if (!project) throw new Error('the compiler did not open the project')
  const { program, checker } = project
  const [wrong] = [...program.getConfigFileParsingDiagnostics(), ...program.getProgramDiagnostics()]
  if (wrong) throw new Error(wrong.text)
  return { project, program, checker, root, close: () => api.close() }
}
