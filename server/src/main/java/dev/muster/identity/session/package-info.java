/**
 * Logins of browsers: an API token is exchanged for a cookie that scripts cannot read. Table {@code login_session}.
 *
 * <pre>
 *   open ──► alive ──► idle too long, past its life, logged out, its token revoked or expired: gone
 * </pre>
 */
@NullMarked
package dev.muster.identity.session;

import org.jspecify.annotations.NullMarked;
