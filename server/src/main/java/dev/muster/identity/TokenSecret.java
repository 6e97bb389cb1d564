package dev.muster.identity;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The secret text of an API token: {@code muster_} and 256 random bits as 43 digits of base 62. Never logged, never stored. */
public final class TokenSecret {
    public static final String PREFIX = "muster_";

    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int BITS = 256;
    private static final int LENGTH = 43; // 62^43 is the first power above 2^256

    private final String text;

    private TokenSecret(String text) {
        this.text = text;
    }

    /** @param random a secure one outside of tests */
    public static TokenSecret random(RandomGenerator random) {
        byte[] bytes = new byte[BITS / Byte.SIZE];
        random.nextBytes(bytes);
        BigInteger rest = new BigInteger(1, bytes);
        BigInteger base = BigInteger.valueOf(DIGITS.length());
        char[] digits = new char[LENGTH];
        for (int i = LENGTH - 1; i >= 0; i--) {
            BigInteger[] quotientAndDigit = rest.divideAndRemainder(base);
            digits[i] = DIGITS.charAt(quotientAndDigit[1].intValue());
            rest = quotientAndDigit[0];
        }
        return new TokenSecret(PREFIX + new String(digits));
    }

    /** Empty when the text cannot be a token, which costs no hash and no look-up. */
    public static Optional<TokenSecret> parse(String text) {
        if (text.length() != PREFIX.length() + LENGTH || !text.startsWith(PREFIX)) {
            return Optional.empty();
        }
        for (int i = PREFIX.length(); i < text.length(); i++) {
            if (DIGITS.indexOf(text.charAt(i)) < 0) {
                return Optional.empty();
            }
        }
        return Optional.of(new TokenSecret(text));
    }

    /** The only place where the secret leaves: the answer that shows it once, and the first administrator's file. */
    public String reveal() {
        return text;
    }

    /**
     * What is stored instead. One round of SHA-256 is enough: 256 random bits cannot be guessed, unlike a password.
     */
    public TokenHash hash() {
        try {
            return new TokenHash(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
        }
    }

    @Override
    public String toString() {
        return PREFIX + "***";
    }
}
