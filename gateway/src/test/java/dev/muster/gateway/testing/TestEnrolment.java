package dev.muster.gateway.testing;

import dev.muster.gateway.port.Enrolment;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.jspecify.annotations.Nullable;

/** Issues from a {@link TestPki} to whoever has the token {@value #TOKEN}. */
public final class TestEnrolment implements Enrolment {
    public static final String TOKEN = "claim_sesame";
    private final TestPki pki;
    public final AtomicInteger working = new AtomicInteger();
    public final AtomicInteger mostWorking = new AtomicInteger();
    public volatile @Nullable CountDownLatch gate;

    public TestEnrolment(TestPki pki) {
        this.pki = pki;
    }

    @Override
    public List<X509Certificate> caCertificates() {
        return List.of(pki.ca());
    }

    @Override
    public byte[] csrAttributes() {
        return new byte[] {0x30, 0x00};
    }

    @Override
    public Outcome enrol(Credential credential, byte[] pkcs10, String remoteAddress) {
        mostWorking.accumulateAndGet(working.incrementAndGet(), Math::max);
        try {
            CountDownLatch waitFor = gate;
            if (waitFor != null) {
                waitFor.await();
            }
            return switch (credential) {
                case Credential.ClaimToken token when token.token().equals(TOKEN) -> issue(pkcs10);
                case Credential.ClaimToken token ->
                    new Outcome.Refused(401, "unauthenticated", "the claim token is not known");
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome.Refused(409, "interrupted", "interrupted");
        } finally {
            working.decrementAndGet();
        }
    }

    @Override
    public Outcome renew(X509Certificate current, byte[] pkcs10, String remoteAddress) {
        return issue(pkcs10);
    }

    private Outcome issue(byte[] pkcs10) {
        try {
            var request = new JcaPKCS10CertificationRequest(pkcs10);
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(request.getPublicKey()))) {
                return new Outcome.Refused(400, "invalid", "the request is not signed by its key");
            }
            String subject = request.getSubject().toString();
            return new Outcome.Issued(pki.certify(
                    subject.substring(subject.indexOf("CN=") + 3), request.getPublicKey(), Duration.ofDays(1)));
        } catch (IOException | PKCSException | OperatorCreationException | java.security.GeneralSecurityException e) {
            return new Outcome.Refused(400, "invalid", "the request cannot be read");
        }
    }
}
