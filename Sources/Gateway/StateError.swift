import Glibc
import LinuxIO
import NodeCore

/// What is wrong with a file in the state directory. Such a file is never replaced by a fresh one.
package enum StateError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It is there and cannot be read.
    case unreadable(path: String, Errno)
    /// It was read, and is not what we write.
    case malformed(path: String, reason: String)
    /// The file or its directory cannot be written.
    case unwritable(path: String, Errno)

    package var description: String {
        switch self {
        case .unreadable(let path, let errno) where errno == Errno(EACCES) || errno == Errno(EPERM):
            "\(path) cannot be read (\(errno)); be its owner or root, e.g. put sudo before this command"
        // Of a disk that fails or a limit that is reached the file is innocent, and a lock must stay where it is.
        case .unreadable(let path, let errno) where ![EISDIR, ELOOP, EFBIG, ESPIPE].map(Errno.init).contains(errno):
            "\(path) cannot be read: \(errno)"
        case .unreadable(let path, let errno):
            "\(path) cannot be read (\(errno)); mend it, or move it away to start afresh: mv \(path) \(path).unreadable"
        case .malformed(let path, let reason):
            "\(path) is damaged (\(reason)); restore a copy, or move it away to start afresh: mv \(path) \(path).damaged"
        case .unwritable(let path, let errno): "\(path) cannot be written: \(errno)"
        }
    }
}

/// Reads a JSON file of the state directory; nil when there is none.
func loadState<T: Decodable>(_ type: T.Type, from path: String) throws(StateError) -> T? {
    let bytes: [UInt8]
    do throws(Errno) {
        guard let kind = try StateFile.kind(of: path) else { return nil }
        // A pipe would be waited for, without end, and nothing could stop that.
        if kind == S_IFIFO { throw Errno(ESPIPE) }
        bytes = try StateFile.read(path)
    } catch { throw .unreadable(path: path, error) }
    do throws(JSONFailure) { return try JSON.decode(type, from: bytes) } catch {
        throw .malformed(path: path, reason: error.description)
    }
}

/// Replaces a JSON file of the state directory; it is on the disk when this returns.
func saveState<T: Encodable>(_ value: T, to path: String) throws(StateError) {
    let bytes: [UInt8]
    do throws(JSONFailure) { bytes = try JSON.encodePretty(value) } catch {
        throw .malformed(path: path, reason: error.description)
    }
    do throws(Errno) { try StateFile.write(path, bytes + [UInt8(ascii: "\n")]) } catch {
        throw .unwritable(path: path, error)
    }
}

/// Removes a file of the state directory, if it is there.
func removeState(_ path: String) throws(StateError) {
    do throws(Errno) { _ = try call(unless: ENOENT) { unlink(path) } } catch {
        throw .unwritable(path: path, error)
    }
}
