import Glibc
import NodeAudio
import NodeCamera
import NodeRuntime
import NodeScreen
import Worker

/// Whether there is what makes files of moving pictures and of sound. Without it everything else works, so whoever wants pictures only
/// has nothing to mend.
struct EncoderCheck: FileCheck {
    static let topics = ["encoder"]

    private static let program = "clawnode-encode"
    /// Where it is looked for; nil: where the worker looks.
    var candidates: [String]?

    func look(at patient: Patient) -> [Finding] {
        let users = [CameraCapability.name, AudioCapability.name, ScreenCapability.name]
        guard patient.enabledFamilies.contains(where: { users.contains($0.name) }) else {
            let why = patient.complaint == nil ? "camera, microphone and screen are off" : Patient.notUnderstood
            return [.skipped("encoder", why)]
        }
        let candidates = candidates ?? WorkerProgram(name: Self.program, variables: [:]).candidates
        guard let path = candidates.first(where: { access($0, X_OK) == 0 }) else {
            return [
                .note(
                    "encoder", "\(Self.program) is not installed: clips are refused, and sound is uncompressed",
                    remedy: "sudo apt install \(Self.program)")
            ]
        }
        return [.ok("encoder", path)]
    }
}
