package dev.muster.pki;

import dev.muster.gateway.port.Admission;
import dev.muster.registry.Lifecycle;
import java.security.cert.X509Certificate;

/** Admission that remembers whose credentials it refused. */
final class CountedAdmission implements Admission {
    private static final int MAX_NAME = 128;

    private final Admission admission;
    private final RefusedCredentials refused;

    CountedAdmission(Admission admission, RefusedCredentials refused) {
        this.admission = admission;
        this.refused = refused;
    }

    @Override
    public Decision admit(X509Certificate certificate) {
        Decision decision = admission.admit(certificate);
        if (decision instanceof Decision.Refused(String code, String _) && isAboutCredentials(code)) {
            AssetIdentity.of(certificate)
                    .ifPresentOrElse(
                            asset -> refused.asset(asset, code),
                            () -> refused.other("certificate " + IssuedCertificate.serialOf(certificate), code));
        }
        return decision;
    }

    @Override
    public Decision admit(Token token) {
        Decision decision = admission.admit(token);
        if (decision instanceof Decision.Refused(String code, String _) && isAboutCredentials(code)) {
            String user = token.user().substring(0, Math.min(token.user().length(), MAX_NAME));
            refused.other("user " + user.replaceAll("[^\\x21-\\x7e]", "?"), code);
        }
        return decision;
    }

    private static boolean isAboutCredentials(String code) {
        return !code.equals(Lifecycle.QUARANTINED.wire()) && !code.equals(Lifecycle.RETIRED.wire());
    }
}
