package dev.muster.agent.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * Where the asset's key lives. Between any two steps of {@link #keep} the process may die: the pair from before or the new
 * one is usable afterwards, never neither.
 */
public sealed interface KeyHome permits FileKeyHome, TokenKeyHome {

    /** The current key and its certificates, leaf first. */
    Optional<Pair> load() throws IOException;

    /**
     * A P-256 key beside the current one: new, or that of an attempt that was interrupted. It survives the process, for a claim
     * token that is used up still answers to the same key.
     */
    KeyPair nextKey() throws IOException, GeneralSecurityException;

    /** From now on this is the current key. */
    void keep(KeyPair key, List<X509Certificate> chain) throws IOException, GeneralSecurityException;

    /** For logs: what kind of place it is. */
    String description();

    record Pair(PrivateKey key, List<X509Certificate> chain) {}
}
