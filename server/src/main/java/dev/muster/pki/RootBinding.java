package dev.muster.pki;

import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.error.StartRefusal;
import java.time.Clock;
import java.util.HexFormat;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Ties the database to one root CA: with another one every certificate in the database would be refused, which is better
 * noticed at the start than by the fleet.
 */
final class RootBinding {
    private RootBinding() {}

    static void check(JdbcClient jdbc, CertificateAuthority authority, DataDirectory directory, Clock clock) {
        String own = HexFormat.of().formatHex(CertificateAuthority.sha256(Pem.der(authority.root())));
        jdbc.sql("""
                        insert into certificate_authority (root_fingerprint, since) values (:fingerprint, :now)
                        on conflict (only_one) do nothing
                        """)
                .param("fingerprint", own)
                .param("now", CertificateStore.utc(clock.instant()))
                .update();
        String bound = jdbc.sql("select root_fingerprint from certificate_authority")
                .query(String.class)
                .single();
        if (!bound.equals(own)) {
            throw new StartRefusal(
                    "cannot start: the database belongs to the root CA with the SHA-256 fingerprint " + bound
                            + ", " + directory.root().resolve("pki") + " holds " + own
                            + "; restore the folder from a backup or copy it from the other server. To give the old CA up, so that"
                            + " every asset must enrol again: delete from certificate_authority");
        }
    }
}
