package dev.muster.protocol.tuf;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** A private Ed25519 key that signs metadata. Never shown: {@link #toString} names the public half. */
public final class SigningKey {
    private static final int SEED = 32;
    /** DER of PrivateKeyInfo for id-Ed25519 (RFC 8410), without the seed itself. */
    private static final byte[] PKCS8_PREFIX = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private final PrivateKey key;
    private final TufKey publicKey;

    private SigningKey(PrivateKey key, TufKey publicKey) {
        this.key = key;
        this.publicKey = publicKey;
    }

    public static SigningKey generate(SecureRandom random) {
        byte[] seed = new byte[SEED];
        random.nextBytes(seed);
        return ofSeed(seed);
    }

    /** @param seed 32 bytes, the private key of RFC 8032 */
    public static SigningKey ofSeed(byte[] seed) {
        if (seed.length != SEED) {
            throw new IllegalArgumentException("an Ed25519 seed has " + SEED + " bytes, found " + seed.length);
        }
        byte[] pkcs8 = Arrays.copyOf(PKCS8_PREFIX, PKCS8_PREFIX.length + SEED);
        System.arraycopy(seed, 0, pkcs8, PKCS8_PREFIX.length, SEED);
        try {
            PrivateKey key = KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            // the JDK derives a public key only where it makes a pair: from "random" bytes, which are the seed
            KeyPairGenerator pairs = KeyPairGenerator.getInstance("Ed25519");
            pairs.initialize(NamedParameterSpec.ED25519, new Given(seed));
            return new SigningKey(key, TufKey.of(pairs.generateKeyPair().getPublic()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java since 15 has Ed25519", e);
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    /** @param key an Ed25519 key of the JDK */
    public static SigningKey of(PrivateKey key) {
        if (!(key instanceof EdECPrivateKey ed)) {
            throw new IllegalArgumentException("release metadata is signed with Ed25519, found " + key.getAlgorithm());
        }
        return ofSeed(
                ed.getBytes().orElseThrow(() -> new IllegalArgumentException("the key's bytes are out of reach")));
    }

    public TufKey publicKey() {
        return publicKey;
    }

    /** For storing it; the caller guards it. */
    public PrivateKey privateKey() {
        return key;
    }

    /** Of a message in an envelope of its own, which says what it is: never of bytes that could be read as metadata. */
    public byte[] signMessage(byte[] bytes) {
        return sign(bytes);
    }

    byte[] sign(byte[] bytes) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(key);
            signer.update(bytes);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("key " + publicKey.id() + " does not sign", e);
        }
    }

    @Override
    public String toString() {
        return "SigningKey[" + publicKey.id() + "]";
    }

    /** Hands out the given bytes once. */
    private static final class Given extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final transient byte[] bytes;

        Given(byte[] bytes) {
            this.bytes = bytes.clone();
        }

        @Override
        public void nextBytes(byte[] target) {
            if (target.length != bytes.length) {
                throw new IllegalStateException("asked for " + target.length + " bytes, there are " + bytes.length);
            }
            System.arraycopy(bytes, 0, target, 0, bytes.length);
        }
    }
}
