package dev.muster.gateway.testing;

import dev.muster.gateway.port.Admission;
import dev.muster.protocol.AssetId;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Admits a certificate by its common name and a token {@code secret-of-ID}, unless the asset is revoked. */
public final class TestAdmission implements Admission {
    private final Set<String> revoked = ConcurrentHashMap.newKeySet();

    @Override
    public Decision admit(X509Certificate certificate) {
        String id = certificate.getSubjectX500Principal().getName().substring("CN=".length());
        return revoked.contains(id)
                ? new Decision.Refused("revoked", "certificate of " + id + " is revoked")
                : new Decision.Admitted(
                        new AssetId(id),
                        certificate.getSerialNumber().toString(16),
                        certificate.getNotAfter().toInstant());
    }

    @Override
    public Decision admit(Token token) {
        if (!token.secret().equals("secret-of-" + token.user())) {
            return new Decision.Refused("unknown", "the token of " + token.user() + " is not known");
        }
        return revoked.contains(token.user())
                ? new Decision.Refused("revoked", "the token of " + token.user() + " is revoked")
                : new Decision.Admitted(new AssetId(token.user()), "token-1", Instant.parse("2100-01-01T00:00:00Z"));
    }

    public void revoke(String id) {
        revoked.add(id);
    }
}
