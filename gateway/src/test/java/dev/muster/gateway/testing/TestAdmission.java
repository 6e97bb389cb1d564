package dev.muster.gateway.testing;

import dev.muster.gateway.port.Admission;
import dev.muster.protocol.AssetId;
import java.security.cert.X509Certificate;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Admits a certificate by its common name, unless the asset is revoked. */
public final class TestAdmission implements Admission {
    private final Set<String> revoked = ConcurrentHashMap.newKeySet();

    @Override
    public Decision admit(X509Certificate certificate) {
        String id = certificate.getSubjectX500Principal().getName().substring("CN=".length());
        return revoked.contains(id)
                ? new Decision.Refused("revoked", "certificate of " + id + " is revoked")
                : new Decision.Admitted(
                        new AssetId(id), certificate.getSerialNumber().toString(16));
    }

    public void revoke(String id) {
        revoked.add(id);
    }
}
