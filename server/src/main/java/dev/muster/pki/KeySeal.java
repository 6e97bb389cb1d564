package dev.muster.pki;

import dev.muster.platform.error.StartRefusal;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.misc.MiscObjectIdentifiers;
import org.bouncycastle.asn1.misc.ScryptParams;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.EncryptionScheme;
import org.bouncycastle.asn1.pkcs.KeyDerivationFunc;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.generators.SCrypt;

/**
 * Encryption of a private key at rest: PKCS#8, PBES2 with AES-256-CBC (RFC 8018), its key from scrypt (RFC 7914).
 *
 * <p>{@code openssl pkey} reads the same files; its memory limit of 32 MiB is why N stays at 2^14 and the work comes
 * from p.
 */
final class KeySeal {
    private static final int BLOCK_SIZE = 8;
    private static final int MAX_COST = 1 << 20;
    private static final int MAX_PARALLELIZATION = 16;

    private final byte[] passphrase;
    private final int cost;
    private final int parallelization;

    /** @param passphrase as bytes, the way openssl takes it */
    KeySeal(byte[] passphrase, int cost, int parallelization) {
        this.passphrase = passphrase.clone();
        this.cost = cost;
        this.parallelization = parallelization;
    }

    /** Slow for a passphrase that a person chose; a generated one cannot be guessed, and the start need not wait for it. */
    static KeySeal of(Passphrase passphrase) {
        return passphrase.generated()
                ? new KeySeal(passphrase.secret(), 1 << 10, 1)
                : new KeySeal(passphrase.secret(), 1 << 14, 5);
    }

    byte[] seal(PrivateKey key, SecureRandom random) {
        byte[] salt = bytes(random, 16);
        byte[] iv = bytes(random, 16);
        byte[] plain = key.getEncoded();
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, salt, iv, cost, parallelization);
            PBES2Parameters parameters = new PBES2Parameters(
                    new KeyDerivationFunc(
                            MiscObjectIdentifiers.id_scrypt,
                            new ScryptParams(salt, cost, BLOCK_SIZE, parallelization, 32)),
                    new EncryptionScheme(NISTObjectIdentifiers.id_aes256_CBC, new DEROctetString(iv)));
            return new EncryptedPrivateKeyInfo(
                            new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBES2, parameters), cipher.doFinal(plain))
                    .getEncoded();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot encrypt a private key", e);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /** @param file only for messages */
    PrivateKey open(byte[] sealed, Path file) {
        EncryptedPrivateKeyInfo info;
        byte[] salt;
        int fileCost;
        int fileParallelization;
        byte[] iv;
        try {
            info = EncryptedPrivateKeyInfo.getInstance(sealed);
            PBES2Parameters parameters =
                    PBES2Parameters.getInstance(info.getEncryptionAlgorithm().getParameters());
            if (!MiscObjectIdentifiers.id_scrypt.equals(
                            parameters.getKeyDerivationFunc().getAlgorithm())
                    || !NISTObjectIdentifiers.id_aes256_CBC.equals(
                            parameters.getEncryptionScheme().getAlgorithm())) {
                throw new StartRefusal("cannot open the private key in " + file
                        + ": it is not encrypted with scrypt and AES-256-CBC; convert it with"
                        + " openssl pkcs8 -topk8 -scrypt -v2 aes-256-cbc");
            }
            ScryptParams scrypt =
                    ScryptParams.getInstance(parameters.getKeyDerivationFunc().getParameters());
            salt = scrypt.getSalt();
            fileCost = scrypt.getCostParameter().intValueExact();
            fileParallelization = scrypt.getParallelizationParameter().intValueExact();
            if (scrypt.getBlockSize().intValueExact() != BLOCK_SIZE
                    || fileCost > MAX_COST
                    || fileParallelization > MAX_PARALLELIZATION) {
                throw new StartRefusal("cannot open the private key in " + file + ": its scrypt parameters N="
                        + fileCost
                        + " r=" + scrypt.getBlockSize() + " p=" + fileParallelization + " are not of the allowed N≤"
                        + MAX_COST + " r=" + BLOCK_SIZE + " p≤" + MAX_PARALLELIZATION);
            }
            iv = ASN1OctetString.getInstance(parameters.getEncryptionScheme().getParameters())
                    .getOctets();
        } catch (IllegalArgumentException | ArithmeticException | IllegalStateException e) {
            throw new StartRefusal(
                    "cannot open the private key in " + file
                            + ": it holds no encrypted PKCS#8 key; restore it from a backup",
                    e);
        }
        return decrypt(info.getEncryptedData(), salt, iv, fileCost, fileParallelization, file);
    }

    private PrivateKey decrypt(byte[] encrypted, byte[] salt, byte[] iv, int n, int p, Path file) {
        byte[] plain = {};
        try {
            plain = cipher(Cipher.DECRYPT_MODE, salt, iv, n, p).doFinal(encrypted);
            return KeyFactory.getInstance(algorithm(plain)).generatePrivate(new PKCS8EncodedKeySpec(plain));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // CBC does not authenticate: a wrong passphrase shows as bad padding or as bytes that are no key
            throw wrongPassphrase(file);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private static String algorithm(byte[] pkcs8) {
        boolean isEd25519 = EdECObjectIdentifiers.id_Ed25519.equals(
                PrivateKeyInfo.getInstance(pkcs8).getPrivateKeyAlgorithm().getAlgorithm());
        return isEd25519 ? "Ed25519" : "EC";
    }

    static StartRefusal wrongPassphrase(Path file) {
        return new StartRefusal("cannot open the private key in " + file
                + ": the passphrase is wrong; set pki-passphrase-file to the file whose passphrase was in use when the CA"
                + " was created, or restore both from the same backup");
    }

    private Cipher cipher(int mode, byte[] salt, byte[] iv, int n, int p) throws GeneralSecurityException {
        byte[] key = SCrypt.generate(passphrase, salt, n, BLOCK_SIZE, p, 32);
        try {
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(mode, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
            return cipher;
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static byte[] bytes(SecureRandom random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    @Override
    public String toString() {
        return "KeySeal[scrypt N=" + cost + " p=" + parallelization + "]";
    }
}
