//! The square crop of a picture.

/// Maximum zoom.
pub const ZOOM_MAX: f64 = 4.0;

/// A square of a picture, in the picture's pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crop {
    width: f64,
    height: f64,
    /// 1: the largest possible square.
    pub zoom: f64,
    /// The center of the square.
    x: f64,
    y: f64,
}

impl Crop {
    /// Returns the largest centered square.
    pub fn of(width: u32, height: u32) -> Self {
        let (width, height) = (f64::from(width.max(1)), f64::from(height.max(1)));
        Self { width, height, zoom: 1.0, x: width / 2.0, y: height / 2.0 }
    }

    /// Returns the length of a side.
    pub fn side(self) -> f64 {
        self.width.min(self.height) / self.zoom
    }

    /// Returns left and top of the square.
    pub fn corner(self) -> (f64, f64) {
        (self.x - self.side() / 2.0, self.y - self.side() / 2.0)
    }

    /// Moves the picture under the square, by fractions of the square's side.
    #[must_use]
    pub fn moved(self, right: f64, down: f64) -> Self {
        Self { x: self.x - right * self.side(), y: self.y - down * self.side(), ..self }.inside()
    }

    #[must_use]
    pub fn zoomed(self, zoom: f64) -> Self {
        Self { zoom: zoom.clamp(1.0, ZOOM_MAX), ..self }.inside()
    }

    fn inside(self) -> Self {
        let half = self.side() / 2.0;
        Self { x: self.x.clamp(half, self.width - half), y: self.y.clamp(half, self.height - half), ..self }
    }

    /// Returns the style of the picture that shows the square in any box.
    pub fn style(self) -> String {
        let ((left, top), side) = (self.corner(), self.side());
        let percent = |pixels: f64| pixels / side * 100.0;
        format!("width:{:.3}%;left:{:.3}%;top:{:.3}%", percent(self.width), -percent(left), -percent(top))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "halves are exact")]
    fn the_square_stays_inside_the_picture() {
        let crop = Crop::of(400, 200);
        assert_eq!((crop.side(), crop.corner()), (200.0, (100.0, 0.0)));
        // To the right as far as the picture extends on the left; down not at all.
        assert_eq!(crop.moved(9.0, 9.0).corner(), (0.0, 0.0));
        assert_eq!(crop.moved(-9.0, -9.0).corner(), (200.0, 0.0));
        let near = crop.zoomed(2.0);
        assert_eq!((near.side(), near.corner()), (100.0, (150.0, 50.0)));
        assert_eq!(near.moved(0.5, 0.0).corner(), (100.0, 50.0));
        // Zooming out moves the square back inside.
        assert_eq!(near.moved(-9.0, -9.0).zoomed(1.0).corner(), (200.0, 0.0));
        assert_eq!(crop.zoomed(99.0).zoom, ZOOM_MAX);
        assert_eq!(crop.zoomed(0.0).zoom, 1.0);
    }

    #[test]
    fn the_style_fits_any_box() {
        assert_eq!(Crop::of(400, 200).style(), "width:200.000%;left:-50.000%;top:-0.000%");
    }
}
