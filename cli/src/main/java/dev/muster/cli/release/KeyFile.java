package dev.muster.cli.release;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.protocol.tuf.SigningKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;

/**
 * A private key in a file that only its owner may read: PEM of PKCS#8, encrypted (PBES2, PBKDF2 with HMAC-SHA-512, AES-256-CBC)
 * or, where somebody asked for it, plain. {@code openssl pkey} reads both.
 */
public final class KeyFile {
    private static final String ENCRYPTED = "ENCRYPTED PRIVATE KEY";
    private static final String PLAIN = "PRIVATE KEY";
    private static final String SCHEME = "PBEWithHmacSHA512AndAES_256";
    private static final int ITERATIONS = 210_000;
    private static final int MAX_BYTES = 16 * 1024;

    private KeyFile() {}

    /** @param passphrase empty for a plain file */
    public static void write(Path file, SigningKey key, char[] passphrase, SecureRandom random) {
        byte[] pkcs8 = key.privateKey().getEncoded();
        String pem = passphrase.length == 0 ? pem(PLAIN, pkcs8) : pem(ENCRYPTED, encrypted(pkcs8, passphrase, random));
        Arrays.fill(pkcs8, (byte) 0);
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null && !Files.isDirectory(folder)) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            try (var channel = Files.newByteChannel(
                    file,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                channel.write(java.nio.ByteBuffer.wrap(pem.getBytes(StandardCharsets.US_ASCII)));
            }
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailed(
                    ExitCode.REFUSED,
                    "there is a key in " + file + " already; it is not overwritten, give another folder");
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.FAILED, "cannot write the key " + file + ": " + e.getMessage());
        }
    }

    /** @param passphrase asked only when the file is encrypted */
    public static SigningKey read(Path file, Supplier<char[]> passphrase) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw noKey(file.toString());
            }
            return parse(Files.readString(file, StandardCharsets.US_ASCII), file.toString(), passphrase);
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.USAGE, "cannot read the key " + file + ": " + reason(e));
        }
    }

    /** @param where it comes from, for messages */
    public static SigningKey parse(String pem, String where, Supplier<char[]> passphrase) {
        boolean encrypted = pem.contains("-----BEGIN " + ENCRYPTED + "-----");
        String label = encrypted ? ENCRYPTED : PLAIN;
        int begin = pem.indexOf("-----BEGIN " + label + "-----");
        int end = pem.indexOf("-----END " + label + "-----");
        if (begin < 0 || end < begin) {
            throw noKey(where);
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(pem.substring(begin + label.length() + 16, end));
        } catch (IllegalArgumentException e) {
            throw noKey(where);
        }
        try {
            byte[] pkcs8 = encrypted ? decrypted(der, passphrase.get(), where) : der;
            return SigningKey.of(KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
        } catch (GeneralSecurityException e) {
            throw noKey(where);
        }
    }

    private static byte[] encrypted(byte[] pkcs8, char[] passphrase, SecureRandom random) {
        byte[] salt = new byte[16];
        random.nextBytes(salt);
        try {
            Cipher cipher = Cipher.getInstance(SCHEME);
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    SecretKeyFactory.getInstance(SCHEME).generateSecret(new PBEKeySpec(passphrase)),
                    new PBEParameterSpec(salt, ITERATIONS),
                    random);
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("PBES2"); // the cipher's own have no OID
            parameters.init(cipher.getParameters().getEncoded());
            return new EncryptedPrivateKeyInfo(parameters, cipher.doFinal(pkcs8)).getEncoded();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot encrypt a private key", e);
        }
    }

    private static byte[] decrypted(byte[] der, char[] passphrase, String where) {
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
            Cipher cipher = Cipher.getInstance(info.getAlgParameters().toString());
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(info.getAlgParameters().toString())
                            .generateSecret(new PBEKeySpec(passphrase)),
                    info.getAlgParameters());
            return cipher.doFinal(info.getEncryptedData());
        } catch (GeneralSecurityException | IOException e) {
            throw new CommandFailed(
                    ExitCode.REFUSED,
                    "cannot open the key " + where + ": the passphrase is wrong, or the file is damaged");
        }
    }

    private static String pem(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    private static CommandFailed noKey(String where) {
        return new CommandFailed(ExitCode.USAGE, where + " holds no Ed25519 private key in PEM");
    }

    private static String reason(IOException e) {
        return switch (e) {
            case java.nio.file.NoSuchFileException missing -> "no such file";
            case java.nio.file.AccessDeniedException denied -> "permission denied";
            default -> String.valueOf(e.getMessage());
        };
    }
}
