import LinuxIO

/// A server on a local socket, in a process of its own, that never pauses.
package enum Torrent {
    /// Runs `body` with the folder that has it as `name`. Whoever comes is greeted; once they have said `awaited`, they hear `torrent`
    /// over and over.
    package static func run<R: Sendable>(
        greeting: [UInt8] = [], awaiting awaited: [UInt8] = [], _ torrent: [UInt8], at name: String = "socket",
        _ body: @escaping @Sendable (ScratchFolder, EventLoop) async throws -> R
    ) async throws -> R {
        let peer = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Peers/torrent.py"
        let words = [greeting, awaited, torrent].map {
            $0.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        return try await onEventLoop { loop in
            let folder = try ScratchFolder()
            let path = folder.file(name)
            let process = try ChildProcess.spawn("/usr/bin/python3", arguments: [peer, path] + words, on: loop)
            let result: Result<R, any Error>
            do {
                while true {
                    do throws(Errno) {
                        try StreamSocket.connect(to: path, on: loop).close()
                        break
                    } catch { try await loop.sleep(for: .milliseconds(10)) }
                }
                result = .success(try await body(folder, loop))
            } catch { result = .failure(error) }
            await process.end()
            return try result.get()
        }
    }
}
