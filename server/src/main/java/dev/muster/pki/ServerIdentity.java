package dev.muster.pki;

import dev.muster.gateway.port.TlsMaterial;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The device plane's own TLS identity: a key that exists only in memory, with a certificate of the issuing CA.
 *
 * <p>New at each start, so it always has the host names of the settings, and again when two thirds of its life are over.
 * Assets trust the CA, never this certificate.
 */
public final class ServerIdentity {
    static final Duration LIFETIME = Duration.ofDays(90);

    private static final Logger log = LoggerFactory.getLogger(ServerIdentity.class);

    private final CertificateAuthority authority;
    private final List<String> hosts;
    private final SecureRandom random;
    private final Clock clock;
    private volatile TlsMaterial current;

    ServerIdentity(CertificateAuthority authority, List<String> hosts, SecureRandom random, Clock clock) {
        this.authority = authority;
        this.hosts = List.copyOf(hosts);
        this.random = random;
        this.clock = clock;
        this.current = issue();
    }

    public TlsMaterial material() {
        return current;
    }

    Instant expires() {
        return current.chain().getFirst().getNotAfter().toInstant();
    }

    /** @return whether there is a new identity, which the device plane must be given */
    public boolean renewIfDue() {
        X509Certificate certificate = current.chain().getFirst();
        Instant start = certificate.getNotBefore().toInstant();
        Duration life = Duration.between(start, certificate.getNotAfter().toInstant());
        if (clock.instant().isBefore(start.plus(life.multipliedBy(2).dividedBy(3)))) {
            return false;
        }
        current = issue();
        log.info("renewed the device plane's certificate, valid until {}", expires());
        return true;
    }

    /** Trusts the issuing CAs alone: through the root, one that was given up after a theft would come back. */
    private TlsMaterial issue() {
        KeyPair pair = CertificateAuthority.generateKey("secp256r1", random);
        X509Certificate certificate = authority.signServer(hosts, pair.getPublic(), clock.instant(), LIFETIME);
        return new TlsMaterial(
                pair.getPrivate(), List.of(certificate, authority.issuing().getFirst()), authority.issuing());
    }

    /** Those of the settings first, then this machine's name, then loopback. */
    static List<String> hosts(List<String> configured) {
        Set<String> hosts = new LinkedHashSet<>(configured);
        String own = machineName();
        if (PkiSettings.isHostName(own)) {
            hosts.add(own);
        }
        hosts.addAll(List.of("localhost", "127.0.0.1", "::1"));
        return new ArrayList<>(hosts);
    }

    /** From the kernel where it says so: asking the resolver can hang for seconds. */
    private static String machineName() {
        Path kernel = Path.of("/proc/sys/kernel/hostname");
        try {
            return Files.isReadable(kernel)
                    ? Files.readString(kernel).strip()
                    : InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            log.info("this machine's name is unknown ({}), so it is not in the server's certificate", e.getMessage());
            return "";
        } catch (IOException e) {
            log.info(
                    "cannot read {} ({}), so this machine's name is not in the server's certificate",
                    kernel,
                    e.getMessage());
            return "";
        }
    }
}
