import Gateway
import Glibc
import LinuxIO
import NodeCore

/// Whether identity and tokens are there, whole, and nobody else's to read.
struct StateCheck: FileCheck {
    static let topics = ["state", "state.files"]

    func look(at patient: Patient) -> [Finding] {
        let path = patient.configuration.stateDirectory
        var status = stat()
        guard stat(path, &status) == 0 else {
            let failure = Errno.current
            if failure == Errno(ENOENT) {
                return [
                    .ok("state", "\(path) is not there yet; the daemon makes it"),
                    .skipped("state.files", "there is no state yet"),
                ]
            }
            return [
                Finding(
                    "state", .error, told: StateError.unreadable(path: path, failure).description,
                    otherwise: "namei -l \(path.shellWord)"),
                .skipped("state.files", "the directory cannot be looked into"),
            ]
        }
        guard patient.isOurs else {
            return [
                .skipped("state", "\(path) is \(patient.user.name)'s; be root to look: sudo clawnode doctor"),
                .skipped("state.files", "the directory is somebody else's"),
            ]
        }
        return [directory(path, status, patient), files(path, patient)]
    }

    private func directory(_ path: String, _ status: stat, _ patient: Patient) -> Finding {
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return .error(
                "state", "\(path) is no directory", remedy: "sudo mv \(path.shellWord) \("\(path).odd".shellWord)")
        }
        if status.st_mode & 0o077 != 0 {
            return .warning(
                "state", "others may look into \(path), where the node's key is",
                remedy: "sudo chmod 700 \(path.shellWord)")
        }
        return .ok("state", "\(path) is \(patient.user.name)'s alone")
    }

    private func files(_ path: String, _ patient: Patient) -> Finding {
        for name in ["identity.json", "gateway.json", "tokens.json"] {
            let file = path + "/" + name
            var status = stat()
            guard stat(file, &status) == 0 else { continue }
            if status.st_uid != patient.user.id {
                return .error(
                    "state.files", "\(file) is not \(patient.user.name)'s, whose directory it is in",
                    remedy: "sudo chown \(patient.user.name): \(file.shellWord)")
            }
            if status.st_mode & 0o077 != 0 {
                return .warning(
                    "state.files", "others may read \(file), which holds a secret",
                    remedy: "sudo chmod 600 \(file.shellWord)")
            }
        }
        do throws(StateError) {
            let identity = try DeviceIdentity.stored(in: path)
            _ = try TokenStore(directory: path)
            _ = try GatewayRecord.load(from: path)
            guard let identity else { return .ok("state.files", "there is no identity yet; the daemon makes it") }
            return .ok("state.files", "they are whole; this is device \(identity.deviceID)")
        } catch {
            return Finding("state.files", .error, told: error.description, otherwise: "df -h \(path.shellWord)")
        }
    }
}
