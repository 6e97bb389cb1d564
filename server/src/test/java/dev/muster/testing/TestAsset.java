package dev.muster.testing;

import dev.muster.gateway.port.Enrolment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import tools.jackson.databind.json.JsonMapper;

/** An asset that the whole server has enrolled: its key and certificate as PEM, and where device HTTPS is. */
public record TestAsset(String id, byte[] certificatePem, byte[] keyPem, byte[] caPem, String httpsUrl) {

    public static TestAsset enrol(TestServer server, String id, String type) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair key = generator.generateKeyPair();
            byte[] request = new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=" + id), key.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()))
                    .getEncoded();
            HttpResponse<String> made = server.send(server.adminRequest("/api/v1/claim-tokens")
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"type\":\"" + type + "\"}")));
            String token =
                    JsonMapper.shared().readTree(made.body()).get("token").asString();
            Enrolment.Outcome outcome = server.bean(Enrolment.class)
                    .enrol(new Enrolment.Credential.ClaimToken(id, token), request, "127.0.0.1");
            if (!(outcome instanceof Enrolment.Outcome.Issued issued)) {
                throw new AssertionError("asset " + id + " was not enrolled: " + outcome);
            }
            var about = JsonMapper.shared()
                    .readTree(Files.readAllBytes(server.directory().resolve("run/server.json")));
            return new TestAsset(
                    id,
                    pem("CERTIFICATE", issued.certificate().getEncoded()),
                    pem("PRIVATE KEY", key.getPrivate().getEncoded()),
                    Files.readAllBytes(server.directory().resolve("pki/root.crt")),
                    about.get("device").asString());
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] pem(String kind, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return ("-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
