package dev.muster.pki;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.pki.SigningRequest.Checked;
import dev.muster.protocol.AssetId;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SigningRequestTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ec -pkeyopt ec_paramgen_curve:P-256",
                "ec -pkeyopt ec_paramgen_curve:P-384",
                "ed25519",
                "rsa:2048"
            })
    void acceptsTheKeysOfTheList(String key) {
        assertThat(accepted(new Openssl(directory).requestWith(key, "/CN=pump-1"))
                        .asset())
                .isEqualTo(new AssetId("pump-1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rsa:1024",
                "ec -pkeyopt ec_paramgen_curve:secp256k1",
                "ec -pkeyopt ec_paramgen_curve:P-224",
                "ec -pkeyopt ec_paramgen_curve:P-521",
                "ec -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit",
                "ed448"
            })
    void refusesOtherKeys(String key) {
        assertThat(rejectedCode(new Openssl(directory).requestWith(key, "/CN=pump-1")))
                .isEqualTo("key_not_allowed");
    }

    @Test
    void refusesAKeyThatIsNotOnItsCurve() throws Exception {
        byte[] point = new byte[65];
        point[0] = 4;
        Arrays.fill(point, 1, 65, (byte) 7);
        SubjectPublicKeyInfo key = new SubjectPublicKeyInfo(
                new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, SECObjectIdentifiers.secp256r1), point);
        assertThat(rejectedCode(Csr.of(new X500Name("CN=pump-1"), key, newKey())))
                .isEqualTo("key_not_allowed");
    }

    @ParameterizedTest
    @CsvSource({"4097, 65537", "16384, 65537", "2048, 3", "2048, 65536"})
    void refusesRsaThatIsTooLargeOrUnsafe(int bits, String exponent) throws Exception {
        BigInteger modulus =
                new BigInteger(bits - 2, new SecureRandom()).setBit(bits - 1).setBit(0);
        PublicKey key =
                KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, new BigInteger(exponent)));
        assertThat(rejectedCode(Csr.of(
                        new X500Name("CN=pump-1"), SubjectPublicKeyInfo.getInstance(key.getEncoded()), newKey())))
                .isEqualTo("key_not_allowed");
    }

    @Test
    void refusesASignatureOfAnotherKey() throws Exception {
        KeyPair shown = newKey();
        byte[] request = Csr.of(
                new X500Name("CN=pump-1"),
                SubjectPublicKeyInfo.getInstance(shown.getPublic().getEncoded()),
                newKey());
        assertThat(rejectedCode(request)).isEqualTo("signature_wrong");
    }

    @Test
    void refusesASubjectChangedAfterSigning() {
        byte[] request = new Openssl(directory).request("/CN=pump-1");
        int at = indexOf(request, "pump-1");
        request[at + 5] = '2';
        assertThat(rejectedCode(request)).isEqualTo("signature_wrong");
    }

    @Test
    void refusesSha1() {
        assertThat(rejectedCode(new Openssl(directory).requestWith("rsa:2048", "/CN=pump-1", "-sha1")))
                .isEqualTo("signature_not_allowed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/O=Acme",
                "/CN=pump-1/CN=pump-2",
                "/CN=pump-1+CN=pump-2",
                "/CN=pump 1",
                "/CN=..\\/etc",
                "/CN=-pump",
                "/CN=pümp",
                "/CN=*"
            })
    void refusesASubjectThatIsNoAssetId(String subject) {
        assertThat(rejectedCode(new Openssl(directory).request(subject, "-utf8")))
                .isEqualTo("subject_not_allowed");
    }

    @Test
    void refusesANulInsideTheName() throws Exception {
        KeyPair key = newKey();
        X500Name name = new X500Name("CN=pump-1\\00.evil");
        assertThat(rejectedCode(Csr.of(
                        name, SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()), key)))
                .isEqualTo("subject_not_allowed");
    }

    @Test
    void dropsOtherPartsOfTheSubject() {
        assertThat(accepted(new Openssl(directory).request("/C=DE/O=Acme/CN=pump-1/emailAddress=a@b.c"))
                        .asset())
                .isEqualTo(new AssetId("pump-1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "basicConstraints=CA:TRUE",
                "keyUsage=keyCertSign",
                "keyUsage=digitalSignature,cRLSign",
                "subjectAltName=DNS:muster.example.com",
                "subjectAltName=IP:10.0.0.1",
                "subjectAltName=email:root@example.com",
                "subjectAltName=URI:urn:muster:asset:pump-2",
                "subjectAltName=URI:urn:muster:asset:pump-1,URI:urn:muster:asset:pump-2",
                "subjectAltName=otherName:1.2.3.4;UTF8:pump-1"
            })
    void refusesExtensionsThatReachFurtherThanTheAsset(String extension) {
        assertThat(rejectedCode(new Openssl(directory).request("/CN=pump-1", "-addext", extension)))
                .isEqualTo("extension_not_allowed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "subjectAltName=URI:urn:muster:asset:pump-1",
                "basicConstraints=CA:FALSE",
                "keyUsage=digitalSignature,keyEncipherment",
                "extendedKeyUsage=serverAuth",
                "1.2.3.4=ASN1:UTF8String:anything"
            })
    void ignoresExtensionsThatAskForNoMore(String extension) {
        assertThat(accepted(new Openssl(directory).request("/CN=pump-1", "-addext", extension))
                        .asset())
                .isEqualTo(new AssetId("pump-1"));
    }

    @Test
    void refusesWhatIsTooLargeBeforeReadingIt() {
        assertThat(rejectedCode(new byte[SigningRequest.MAX_BYTES + 1])).isEqualTo("csr_too_large");
    }

    static Stream<byte[]> garbage() {
        byte[] nested = new byte[SigningRequest.MAX_BYTES];
        for (int i = 0; i < nested.length; i += 2) {
            nested[i] = 0x30;
            nested[i + 1] = (byte) 0x80;
        }
        HexFormat hex = HexFormat.of();
        return Stream.of(
                new byte[0],
                new byte[] {0},
                "-----BEGIN CERTIFICATE REQUEST-----".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                hex.parseHex("3000"),
                hex.parseHex("30847fffffff"),
                hex.parseHex("3082ffff02"),
                hex.parseHex("0500"),
                nested);
    }

    @ParameterizedTest
    @MethodSource("garbage")
    void refusesGarbage(byte[] bytes) {
        assertThat(rejectedCode(bytes)).isEqualTo("csr_malformed");
    }

    @Test
    void refusesTrailingBytes() throws Exception {
        ByteArrayOutputStream longer = new ByteArrayOutputStream();
        longer.write(new Openssl(directory).request("/CN=pump-1"));
        longer.write(0);
        assertThat(rejectedCode(longer.toByteArray())).isEqualTo("csr_malformed");
    }

    /** One request, bytes changed, cut and doubled: each is answered, and none is accepted for another asset. */
    @Test
    void survivesThousandsOfMutations() {
        long seed = Long.getLong("seed", new SecureRandom().nextLong());
        System.out.println("SigningRequestTest.survivesThousandsOfMutations seed=" + seed);
        Random random = new Random(seed);
        byte[] original = new Openssl(directory)
                .request("/O=Acme/CN=pump-1", "-addext", "subjectAltName=URI:urn:muster:asset:pump-1");
        int rejected = 0;
        for (int round = 0; round < 6_000; round++) {
            switch (SigningRequest.check(mutated(original, random))) {
                case Checked.Accepted(SigningRequest request) ->
                    assertThat(request.asset()).as("round %d", round).isEqualTo(new AssetId("pump-1"));
                case Checked.Rejected refusal -> rejected++;
            }
        }
        System.out.println("rejected " + rejected + " of 6000");
        assertThat(rejected).isGreaterThan(4_000);
    }

    private static byte[] mutated(byte[] original, Random random) {
        byte[] bytes = original.clone();
        for (int change = 0; change <= random.nextInt(3); change++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return switch (random.nextInt(8)) {
            case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 1 -> Arrays.copyOfRange(bytes, random.nextInt(bytes.length), bytes.length);
            case 2 -> Arrays.copyOf(bytes, bytes.length + random.nextInt(100));
            default -> bytes;
        };
    }

    private static KeyPair newKey() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    private static SigningRequest accepted(byte[] der) {
        Checked checked = SigningRequest.check(der);
        assertThat(checked).isInstanceOf(Checked.Accepted.class);
        return ((Checked.Accepted) checked).request();
    }

    private static String rejectedCode(byte[] der) {
        Checked checked = SigningRequest.check(der);
        assertThat(checked).isInstanceOf(Checked.Rejected.class);
        return ((Checked.Rejected) checked).code();
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(text);
    }
}
