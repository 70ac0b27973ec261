import Gateway
import Glibc
import LinuxIO
import NodeCrypto

/// Whether this machine has anybody to believe when a gateway shows a certificate.
struct AuthoritiesCheck: FileCheck {
    static let topics = ["authorities"]

    func look(at patient: Patient) -> [Finding] {
        // What keeps the gateway unknown is told by another check.
        guard let target = try? GatewayTarget(of: patient), target.endpoint.isTLS, target.trust == .system else {
            return [.skipped("authorities", "no gateway's certificate is judged by this machine's authorities")]
        }
        let places = TLSTrust.systemPlaces.map { place in
            patient.surroundings.value(place.variable) ?? patient.root + place.path
        }
        if let place = places.first(where: Self.holdsSome) {
            return [.ok("authorities", "certificate authorities are in \(place)")]
        }
        return [
            .error(
                "authorities", "there are no certificate authorities in \(places.joined(separator: " or "))",
                remedy: "sudo apt install ca-certificates")
        ]
    }

    private static func holdsSome(_ place: String) -> Bool {
        var status = stat()
        guard stat(place, &status) == 0 else { return false }
        guard status.st_mode & S_IFMT == S_IFDIR else { return status.st_size > 0 }
        // One that cannot be read is of no use to OpenSSL either.
        return (try? Directory.names(in: place))?.isEmpty == false
    }
}
