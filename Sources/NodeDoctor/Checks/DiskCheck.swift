import Glibc
import LinuxIO
import NodeCore

/// Whether what has to be written, tokens above all, may be, and has room.
struct DiskCheck: FileCheck {
    static let topics = ["disk.state", "disk.runtime"]

    func look(at patient: Patient) -> [Finding] {
        [
            look("disk.state", at: patient.configuration.stateDirectory, patient),
            look("disk.runtime", at: patient.configuration.runtimeDirectory, patient),
        ]
    }

    private func look(_ topic: String, at path: String, _ patient: Patient) -> Finding {
        // What is not there yet will be made in the nearest directory that is.
        var place = path
        while access(place, F_OK) != 0, errno == ENOENT, place != "/", place != "." { place = place.folder }
        do throws(Errno) {
            let finding = Self.judge(topic, try DiskSpace(at: place), path)
            // On a disk that takes nothing rights do not matter. What a service of the machine's lacks is made by systemd.
            guard finding.verdict < .error, place == path || !patient.surroundings.isRoot,
                try !patient.user.may([.write, .search], place)
            else { return finding }
            let name = patient.user.name
            return .error(
                topic, "\(name) may not write to \(place)",
                remedy: place == path
                    ? "sudo chown \(name): \(path.shellWord) && sudo chmod u+rwx \(path.shellWord)"
                    : "sudo install -d -m 0700 -o \(name) \(path.shellWord)")
        } catch {
            return .skipped(topic, "\(path) cannot be looked at: \(error)")
        }
    }

    /// A token file is a few KB; but a disk that is nearly full is soon full.
    static func judge(_ topic: String, _ space: DiskSpace, _ path: String) -> Finding {
        if space.isReadOnly {
            return .error(
                topic, "the file system of \(path) is read-only, as it becomes when a disk fails",
                remedy:
                    "dmesg | grep -i -e remount -e 'I/O error', then: sudo mount -o remount,rw $(df --output=target \(path.shellWord) | tail -1)"
            )
        }
        let free = "\(space.freeBytes >> 20) MiB of \(space.totalBytes >> 20) MiB are free for \(path)"
        if space.freeBytes < 1 << 20 { return .error(topic, free, remedy: room(on: path)) }
        if space.freeFiles == 0 {
            return .error(topic, "no more files can be made for \(path)", remedy: "df -i \(path.shellWord)")
        }
        // A runtime directory is small by nature.
        if space.freeBytes < 64 << 20, space.freeBytes < space.totalBytes / 4 {
            return .warning(topic, free, remedy: room(on: path))
        }
        return .ok(topic, free)
    }

    /// What can be done without on any machine goes, and then it shows whether that was enough.
    static func room(on path: String) -> String {
        "sudo apt clean; sudo journalctl --vacuum-size=50M; df -h \(path.shellWord)"
    }
}
