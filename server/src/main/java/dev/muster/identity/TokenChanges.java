package dev.muster.identity;

/** Hears of every change of an API token, in its transaction; the audit trail does, which identity may not import. */
public interface TokenChanges {
    void created(Actor by, ApiToken token);

    void revoked(Actor by, ApiToken before, ApiToken after);

    /** A console login was opened with the token. */
    void loggedIn(Actor by, ApiToken token);

    /** @param sessions how many logins ended */
    void loggedOut(Actor by, ApiToken token, int sessions);
}
