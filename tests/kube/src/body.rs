//! Bodies of answers that can be cut, slowed and spoiled.

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::StreamExt as _;
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use std::io::Write as _;
use std::time::Duration;

/// The body of an answer with faults in it: it may break off with an error.
pub type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// A body of one piece.
pub(crate) fn whole(text: impl Into<Bytes>) -> Body {
    Full::new(text.into()).map_err(|never| match never {}).boxed_unsync()
}

/// As it is.
pub(crate) fn plain<B>(body: B) -> Body
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: std::fmt::Display,
{
    body.map_err(|error| std::io::Error::other(error.to_string())).boxed_unsync()
}

/// Ends after so many pieces as if all had been said.
pub(crate) fn ended(body: Body, pieces: usize) -> Body {
    StreamBody::new(body.into_data_stream().take(pieces).map(|piece| piece.map(Frame::data)))
        .boxed_unsync()
}

/// Breaks in the middle of the piece after so many whole ones.
pub(crate) fn broken(body: Body, pieces: usize) -> Body {
    let cut = body.into_data_stream().enumerate().map(move |(at, piece)| match piece {
        Ok(piece) if at < pieces => Ok(Frame::data(piece)),
        Ok(piece) if at == pieces => Ok(Frame::data(piece.slice(..piece.len() / 2))),
        Ok(_) => Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
        Err(error) => Err(error),
    });
    StreamBody::new(cut).boxed_unsync()
}

/// In pieces of so many bytes, with a pause before each.
pub(crate) fn slow(body: Body, size: usize, pause: Duration) -> Body {
    let pieces = body.into_data_stream().flat_map(move |piece| {
        let pieces: Vec<std::io::Result<Bytes>> = match piece {
            Ok(piece) => (0..piece.len())
                .step_by(size.max(1))
                .map(|from| Ok(piece.slice(from..piece.len().min(from + size))))
                .collect(),
            Err(error) => vec![Err(error)],
        };
        futures_util::stream::iter(pieces)
    });
    let paused = pieces.then(move |piece| async move {
        tokio::time::sleep(pause).await;
        piece.map(Frame::data)
    });
    StreamBody::new(paused).boxed_unsync()
}

/// Without the pieces that contain a text.
pub(crate) fn without(body: Body, text: &'static str) -> Body {
    let kept = body.into_data_stream().filter(move |piece| {
        let holds = piece
            .as_ref()
            .is_ok_and(|piece| piece.windows(text.len()).any(|window| window == text.as_bytes()));
        std::future::ready(!holds)
    });
    StreamBody::new(kept.map(|piece| piece.map(Frame::data))).boxed_unsync()
}

/// With a text in place of another, in every piece.
pub(crate) fn replaced(body: Body, from: String, to: String) -> Body {
    let changed = body.into_data_stream().map(move |piece| {
        piece.map(|piece| {
            let text = String::from_utf8_lossy(&piece).replace(&from, &to);
            Frame::data(Bytes::from(text))
        })
    });
    StreamBody::new(changed).boxed_unsync()
}

/// Compressed as a whole.
pub(crate) async fn compressed(body: Body) -> std::io::Result<Body> {
    let text = body.collect().await?.to_bytes();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&text)?;
    Ok(whole(encoder.finish()?))
}
