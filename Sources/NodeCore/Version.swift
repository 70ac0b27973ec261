/// This program's version, as packages, gateways and `clawnode version` say it.
package let nodeVersion = "0.1.0"
