import Gateway
import Glibc
import LinuxIO

/// The program by which a gateway that logs in here with ssh sees that this machine is the node that asks to be let in
/// (openclaw-gateway §5.4): it runs `openclaw node identity --json` and compares what that answers.
enum SSHVerification {
    /// Where a shell that is started by ssh finds programs, of whoever it is.
    static let program = "/usr/local/bin/openclaw"

    /// It tells what is public, as it is now: whoever the gateway logs in as may not read the state directory.
    static func script(_ identity: DeviceIdentity) -> String {
        """
        #!/bin/sh
        # Written by: clawnode identity --install-ssh-verify
        # Lets an OpenClaw gateway see over ssh that this machine is the node that asks to be approved.
        if [ "$*" = "node identity --json" ]; then
            printf '%s\\n' '{"deviceId":"\(identity.deviceID)","publicKey":"\(identity.publicKey)"}'
            exit 0
        fi
        echo "openclaw is not installed here; this answers: openclaw node identity --json" >&2
        exit 64
        """ + "\n"
    }

    /// Throws `Failure` rather than take the place of another's `openclaw`.
    static func install(_ identity: DeviceIdentity, at path: String = program) throws(Failure) {
        do throws(Errno) {
            if try StateFile.kind(of: path) != nil, !isOurs(try StateFile.read(path, limit: 64 << 20)) {
                throw Errno(EEXIST)
            }
            try StateFile.write(path, Array(script(identity).utf8), mode: 0o755)
        } catch {
            if error == Errno(EEXIST) {
                throw Failure(
                    .refused,
                    "\(path) is another's: where OpenClaw itself is installed, approve this node with: openclaw devices list"
                )
            }
            throw Failure(
                .cannotWrite,
                "\(path) cannot be written (\(error)); as root: sudo clawnode identity --install-ssh-verify")
        }
    }

    private static func isOurs(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes.prefix(200), as: UTF8.self).contains("clawnode identity --install-ssh-verify")
    }
}
