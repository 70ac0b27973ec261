import Glibc

/// A worker's executable and how it is started.
package struct WorkerProgram: Sendable {
    package var name: String
    package var arguments: [String]
    /// Where it was looked for, in order.
    package let candidates: [String]

    /// Looked for beside the running program, so that a build directory works as it is, then where packages put it.
    package init(name: String, arguments: [String] = []) {
        self.name = name
        self.arguments = arguments
        let installed = "/usr/libexec/clawnode/" + name
        candidates = Self.ownDirectory.map { [$0 + "/" + name, installed] } ?? [installed]
    }

    /// The first of the candidates that can be executed.
    var path: String? { candidates.first { access($0, X_OK) == 0 } }

    private static var ownDirectory: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlink("/proc/self/exe", start, buffer.count)
            guard count > 0 else { return nil }
            let path = String(decoding: UnsafeRawBufferPointer(buffer)[..<count], as: UTF8.self)
            return path.lastIndex(of: "/").map { String(path[..<$0]) }
        }
    }
}
