import Glibc
import LinuxIO
import NodeCore

/// What is wrong with a file in the state directory. Such a file is never replaced by a fresh one.
package enum StateError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It is there and cannot be read.
    case unreadable(path: String, Errno)
    /// It is a pipe, a socket or a device.
    case noFile(path: String)
    /// It was read, and is not what we write.
    case malformed(path: String, reason: String)
    /// The file or its directory cannot be written.
    case unwritable(path: String, Errno)

    package var description: String {
        switch self {
        case .unreadable(let path, let errno) where errno == Errno(EACCES) || errno == Errno(EPERM):
            "\(path) cannot be read (\(errno)); be its owner or root, e.g. put sudo before this command"
        // Of a disk that fails or a limit that is reached the file is innocent, and a lock must stay where it is.
        case .unreadable(let path, let errno) where ![EISDIR, ELOOP, EFBIG].map(Errno.init).contains(errno):
            "\(path) cannot be read: \(errno)"
        case .unreadable(let path, let errno):
            "\(path) cannot be read (\(errno)); mend it, or move it away to start afresh: "
                + Self.setAside(path, as: "unreadable")
        case .noFile(let path):
            "\(path) is a pipe, a socket or a device and no file; move it away to start afresh: "
                + Self.setAside(path, as: "odd")
        case .malformed(let path, let reason):
            "\(path) is damaged (\(reason)); restore a copy, or move it away to start afresh: "
                + Self.setAside(path, as: "damaged")
        case .unwritable: fault + "; " + remedy
        }
    }

    /// What it says, without what mends it.
    var fault: String {
        guard case .unwritable(let path, let errno) = self else { return description }
        return "\(path) cannot be written (\(errno))"
    }

    /// Nothing where the fault says it already.
    var remedy: String {
        guard case .unwritable(let path, let errno) = self else { return "" }
        return Self.remedy(errno, at: path)
    }

    private static func setAside(_ path: String, as end: String) -> String {
        "\(NodeOwner(ofStateAt: path).sudo)mv \(path.shellWord) \("\(path).\(end)".shellWord)"
    }

    /// What makes a place writable that fails so.
    private static func remedy(_ errno: Errno, at path: String) -> String {
        switch errno.code {
        case EACCES, EPERM: "be the owner of its directory or root, e.g. put sudo before this command"
        case ENOSPC, EDQUOT: "make room; where it is used up: df -h"
        // As it becomes when a disk fails.
        case EROFS:
            "make its file system one that can be written again; why it is none: dmesg | grep -i -e remount -e 'I/O error', "
                + "then: sudo mount -o remount,rw MOUNTPOINT; or choose other directories with --state-dir and --runtime-dir"
        case EFBIG: "lift the limit on the size of files: ulimit -f unlimited"
        case EMFILE: "lift the limit on open files: ulimit -n 1024"
        case EISDIR, ENOTDIR, ELOOP:
            "something is in its place, which is to be moved away; look: namei -l \(path.shellWord)"
        default: "choose directories that can be written with --state-dir and --runtime-dir"
        }
    }
}

/// Reads a JSON file of the state directory; nil when there is none.
func loadState<T: Decodable>(_ type: T.Type, from path: String) throws(StateError) -> T? {
    let bytes: [UInt8]
    let kind: mode_t?
    do throws(Errno) { kind = try StateFile.kind(of: path) } catch { throw .unreadable(path: path, error) }
    guard let kind else { return nil }
    // A pipe would be waited for, without end, and nothing could stop that.
    guard kind == S_IFREG || kind == S_IFDIR else { throw .noFile(path: path) }
    do throws(Errno) { bytes = try StateFile.read(path) } catch { throw .unreadable(path: path, error) }
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

/// Removes a file of the state directory. Whether it was there.
func removeState(_ path: String) throws(StateError) -> Bool {
    do throws(Errno) { return try call(unless: ENOENT) { unlink(path) } != nil } catch {
        throw .unwritable(path: path, error)
    }
}
