import Glibc
import LinuxIO
import NodeConfiguration
import NodeCore

/// Whether the configuration is understood, the files named in it can be used, and the daemon may read it.
struct ConfigurationCheck: FileCheck {
    static let topics = ["configuration", "configuration.files"]

    func look(at patient: Patient) -> [Finding] {
        let file = patient.configuration.file
        if let complaint = patient.complaint {
            // It may be one of those in config.d.
            let edited = if case .file(let path)? = complaint.origin { path } else { file }
            return [
                .error("configuration", complaint.description, remedy: "edit \(edited), then: clawnode config check"),
                .skipped("configuration.files", Patient.notUnderstood),
            ]
        }
        return [configuration(file, patient), files(patient)]
    }

    private func configuration(_ file: String, _ patient: Patient) -> Finding {
        let folder = ConfigurationFile.fragmentFolder(beside: file)
        let fragments = patient.fragments(in: folder)
        guard access(file, F_OK) == 0 else {
            return .ok(
                "configuration",
                fragments.isEmpty
                    ? "there is no \(file); the defaults hold"
                    : "what is in \(folder) is understood; there is no \(file)")
        }
        // A daemon with another view of it would start with the defaults, or not at all.
        if (try? patient.user.may(.read, file)) == false {
            return .error(
                "configuration", "the daemon's user, \(patient.user.name), may not read \(file)",
                remedy: "sudo chmod a+r \(file.shellWord); sudo chmod a+rx \(file.folder.shellWord)")
        }
        return .ok("configuration", "\(file) is understood")
    }

    private func files(_ patient: Patient) -> Finding {
        guard let complaint = patient.fileComplaint else {
            return .ok("configuration.files", "the files that are named in the configuration can be used")
        }
        let words = complaint.description
        guard patient.isOurs else {
            return .skipped("configuration.files", words + "; be root to look: sudo clawnode doctor")
        }
        return Finding(
            "configuration.files", .error, told: words, otherwise: "mend it, then: clawnode config check")
    }
}

extension String {
    /// The directory that a file is in.
    var folder: String {
        guard let end = lastIndex(of: "/") else { return "." }
        return end == startIndex ? "/" : String(self[..<end])
    }
}
